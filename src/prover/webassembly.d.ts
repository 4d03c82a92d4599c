/** The part of the WebAssembly API that the witness calculator uses; Node has it, TypeScript keeps it in its DOM types. */
declare namespace WebAssembly {
  class Module {
    private constructor();
    static imports(module: Module): { module: string; name: string }[];
  }
  class Instance {
    constructor(module: Module, imports: Record<string, Record<string, unknown>>);
    readonly exports: Record<string, unknown>;
  }
  function compile(bytes: Uint8Array): Promise<Module>;
}
