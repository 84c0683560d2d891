import type { HandleClientError } from '@sveltejs/kit';

/** An unknown address is no error. Everything else goes where the browser keeps such things; the page says what to do. */
export const handleError: HandleClientError = ({ error, status, message }) => {
  if (status !== 404) reportError(error);
  return { message };
};
