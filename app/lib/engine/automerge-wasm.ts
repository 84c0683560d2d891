/**
 * Where Automerge's wasm was put by the build. Imported in the page, not in the worker: a file that only the worker
 * imports is missing from the service worker's list, and the app would not open offline.
 */
export { default as automergeWasmUrl } from '@automerge/automerge/automerge.wasm?url';
