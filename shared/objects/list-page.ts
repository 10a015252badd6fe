/** One page of S3's ListObjectsV2. */
export interface ListPage {
  found: { key: string; sizeBytes: number; modifiedAt: number }[];
  /** Where the next page begins; `undefined` on the last. */
  next: string | undefined;
}

const CONTENTS = /<Contents>(.*?)<\/Contents>/gs;
const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescapeXml(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) => {
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    return NAMED[name] ?? whole;
  });
}

function elementOf(xml: string, name: string): string | undefined {
  const [, text] = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml) ?? [];
  return text === undefined ? undefined : unescapeXml(text);
}

/**
 * Reads the few elements of a ListObjectsV2 answer that matter here. S3 nests nothing of these names, and
 * `encoding-type=url` keeps everything but plain characters out of keys, so no XML parser is needed; stores
 * that ignore the encoding answer plain keys, which is what `EncodingType` tells apart.
 */
export function parseListPage(xml: string): ListPage {
  const encoded = elementOf(xml, 'EncodingType') === 'url';
  const decode = (key: string) => (encoded ? decodeURIComponent(key.replaceAll('+', ' ')) : key);
  const found = [...xml.matchAll(CONTENTS)].flatMap(([, contents = '']) => {
    const key = elementOf(contents, 'Key');
    return key === undefined
      ? []
      : [
          {
            key: decode(key),
            sizeBytes: Number(elementOf(contents, 'Size') ?? 0),
            modifiedAt: Date.parse(elementOf(contents, 'LastModified') ?? '') || 0,
          },
        ];
  });
  const truncated = elementOf(xml, 'IsTruncated') === 'true';
  return { found, next: truncated ? elementOf(xml, 'NextContinuationToken') : undefined };
}
