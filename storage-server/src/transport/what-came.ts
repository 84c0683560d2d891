/**
 * Bodies of uploads whose connection breaks. The upload protocol asks to keep as much of them as came; a store that collects
 * bytes before it writes them would throw those away with a body that fails, but not with one that ends.
 */

/** The request with a body that ends where its connection breaks. */
export function withWhatCame(request: Request): Request {
  const reader = request.body?.getReader();
  if (reader === undefined) return request;
  const body = new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const { value } = await reader.read().catch(() => ({ value: undefined }));
        if (value === undefined) controller.close();
        else controller.enqueue(value);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
  const init: RequestInit & { duplex: 'half' } = {
    method: request.method,
    headers: request.headers,
    body,
    duplex: 'half',
  };
  return new Request(request.url, init);
}
