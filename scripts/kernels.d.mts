export interface Kernel {
  readonly source: string;
  readonly module: string;
}
export const kernels: readonly Kernel[];
export function compiledModule(kernel: Kernel): Promise<string>;
