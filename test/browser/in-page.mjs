// Functions that run in the page, sent there as text: each stands for itself. Plain JavaScript, because the project's
// types know no DOM; in-page.d.mts tells what they take and give.

/** Of each canvas, how many of its points have the colour of the first line. */
export function pointsOfLine() {
  const color = getComputedStyle(document.documentElement).getPropertyValue("--series-1").trim();
  const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));
  return [...document.querySelectorAll("canvas")].map((canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    let points = 0;
    for (let at = 0; at < data.length; at += 4) {
      if (data[at] === red && data[at + 1] === green && data[at + 2] === blue && data[at + 3] === 255) points++;
    }
    return points;
  });
}

/** Tries to run a program of its own, and to reach a server in two ways. */
export async function tryToGetOut(origin) {
  const violations = [];
  document.addEventListener("securitypolicyviolation", ({ effectiveDirective }) => violations.push(effectiveDirective));
  const foreign = document.createElement("script");
  foreign.textContent = "document.title = 'taken'";
  const image = new Image();
  const ended = new Promise((resolve) => {
    image.onload = image.onerror = resolve;
  });
  image.src = `${origin}/image`;
  document.body.append(foreign, image);
  const fetched = await fetch(`${origin}/fetch`).then(
    () => "answered",
    () => "refused",
  );
  await ended;
  return { fetched, violations: violations.sort(), title: document.title };
}

/** The least contrast between a text and what it stands on. @see https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio */
export function leastContrast() {
  const channel = (value) => (value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  const luminance = (color) => {
    const [red, green, blue] = color.match(/[\d.]+/g).map((part) => channel(Number(part) / 255));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const backgroundOf = (element) => {
    if (element === null) return "rgb(255, 255, 255)";
    const { backgroundColor } = getComputedStyle(element);
    return /, 0\)$/.test(backgroundColor) ? backgroundOf(element.parentElement) : backgroundColor;
  };
  const texts = [...document.querySelectorAll("h1, h2, p, th, td, strong, li, figcaption")];
  return Math.min(
    ...texts.map((element) => {
      const [a, b] = [luminance(getComputedStyle(element).color), luminance(backgroundOf(element))];
      return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    }),
  );
}

/** How wide the page is, and each chart. */
export function widths() {
  return {
    page: document.documentElement.scrollWidth,
    charts: [...document.querySelectorAll("canvas")].map((canvas) => canvas.clientWidth),
  };
}

/** The colour of the first line, and the picture of the first chart. */
export function look() {
  return {
    line: getComputedStyle(document.documentElement).getPropertyValue("--series-1").trim(),
    picture: document.querySelector("canvas").toDataURL(),
  };
}
