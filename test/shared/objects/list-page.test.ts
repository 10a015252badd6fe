import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseListPage } from '../../../shared/objects/list-page.ts';

const escapeXml = (text: string) =>
  text
    .replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
    .replace(/\r|\n/g, (sign) => `&#${sign.charCodeAt(0)};`);

it('answers every key of a page as it was stored, URL-encoded or not', () => {
  const key = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(
      fc.array(fc.record({ key, sizeBytes: fc.nat(), modifiedAt: fc.nat() })),
      fc.boolean(),
      (objects, encoded) => {
        const contents = objects.map(
          (object) =>
            `<Contents><Key>${encoded ? encodeURIComponent(object.key) : escapeXml(object.key)}</Key>` +
            `<LastModified>${new Date(object.modifiedAt).toISOString()}</LastModified>` +
            `<Size>${object.sizeBytes}</Size><Owner><ID>x</ID></Owner></Contents>`,
        );
        const xml = `<ListBucketResult>${encoded ? '<EncodingType>url</EncodingType>' : ''}<IsTruncated>false</IsTruncated>${contents.join('')}</ListBucketResult>`;
        expect(parseListPage(xml)).toEqual({ found: objects, next: undefined });
      },
    ),
  );
});

it('says where the next page begins', () => {
  const xml =
    '<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>a&amp;b=</NextContinuationToken></ListBucketResult>';
  expect(parseListPage(xml)).toEqual({ found: [], next: 'a&b=' });
});
