/**
 * JSON as it was written by ourselves; its failure can be logged, since it quotes nothing of the text, where messages
 * may stand.
 * @throws SyntaxError
 */
export function parseText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new SyntaxError(`These ${text.length} characters are not JSON.`);
  }
}
