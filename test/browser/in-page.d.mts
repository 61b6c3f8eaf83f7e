export function pointsOfLine(): number[];
export function tryToGetOut(origin: string): Promise<{ fetched: string; violations: string[]; title: string }>;
export function leastContrast(): number;
export function widths(): { page: number; charts: number[] };
export function look(): { line: string; picture: string };
