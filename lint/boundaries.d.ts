export function packageOf(relative: string): string | undefined;
export function judge(from: string, specifier: string): string | undefined;
declare const plugin: { rules: Record<string, unknown> };
export default plugin;
