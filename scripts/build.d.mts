export function bundleServer(name: 'relay' | 'storage-server', target: string): Promise<string>;
export function build(): Promise<void>;
