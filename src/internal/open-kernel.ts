/** The part of WebAssembly that a kernel needs; Node's own types do not tell of it. */
interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: object };
}

/**
 * Makes a kernel: a small WebAssembly module without imports that holds one hot loop, see kernels/. Takes a fraction of
 * a millisecond, so callers do it once, when the first data comes that is long enough.
 *
 * @param packed the module in base64, from generated/kernels/
 * @returns its exports, or `undefined` where it cannot run (`node --jitless`, a processor without SIMD): whoever has a
 * kernel has a loop in JavaScript too, which does the same
 */
export function openKernel<Exports>(packed: string): Exports | undefined {
  const { WebAssembly } = globalThis as { readonly WebAssembly?: WebAssemblyApi };
  try {
    return (
      WebAssembly &&
      (new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(packed, "base64"))).exports as Exports)
    );
  } catch {
    return undefined;
  }
}
