const BYTE = '([1-9]?[0-9]|1[0-9]{2}|2[0-4][0-9])';
const HOST = `(([a-z0-9]+\\.)*[a-z]+|${BYTE}(\\.${BYTE}){3})`;

/** Host and port of URLs that are surely valid, for patterns in the OpenAPI document; others may be valid too. */
export const HOST_PATTERN = `${HOST}(:([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}))?`;
