import { RE2JS } from 're2js';

/** Finds secrets in a text and puts something else in their place; gives the same text where there are none. */
export type SecretPattern = (text: string, replace: (secret: string) => string) => string;

/**
 * A pattern of ours. `pieces`: one of them is in every text that matches, so that most texts cost a search for words
 * only. Every repetition in `regex` is bounded, since texts are of strangers.
 */
export function secretPattern(
  regex: RegExp,
  pieces: readonly string[],
  isSecret: (match: string) => boolean = () => true,
): SecretPattern {
  return (text, replace) => {
    if (!pieces.some((piece) => text.includes(piece))) return text;
    return text.replace(regex, (match) => (isSecret(match) ? replace(match) : match));
  };
}

/** `password=x`, `"password": "x"`, `password: x`: what stands behind a word and a sign. */
export function keyWord(words: string, pieces: readonly string[]): SecretPattern {
  const regex = new RegExp(
    `(?<=(?<![a-z\\d])(?:${words})\\\\?["']?\\s{0,4}[=:]\\s{0,4}\\\\?["']?)[^\\s"'\\\\,;&]{1,4096}`,
    'gi',
  );
  return secretPattern(regex, pieces);
}

export const email = secretPattern(/[\w.%+-]{1,64}@(?:[a-z\d-]{1,63}\.){1,8}[a-z]{2,24}\b/gi, ['@']);

/** Card numbers of 13 to 19 digits, with or without spaces or hyphens, that begin and add up as such. */
export const cardNumber: SecretPattern = (text, replace) =>
  text.replace(/(?<![\w.-])[2-6](?:[ -]?\d){12,18}(?![\w-]|\.\d)/g, (match) =>
    isCardNumber(match.replace(/[ -]/g, '')) ? replace(match) : match,
  );

/** The beginnings that the large issuers give out, with their lengths, and the check digit of ISO/IEC 7812. */
function isCardNumber(digits: string): boolean {
  const isIssued =
    /^(?:4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2(?:2[2-9]|[3-6]\d|7[01]|720)\d{12,13}|3[47]\d{13}|6\d{15}|3(?:0[0-5]|[68]\d)\d{11})$/.test(
      digits,
    );
  if (!isIssued) return false;
  let sum = 0;
  for (let index = 0; index < digits.length; index++) {
    const digit = Number(digits[digits.length - 1 - index]);
    const doubled = index % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/** A pattern of the configuration: RE2, so that no text can make it slow. Throws where it is none. */
export function configuredPattern(source: string): SecretPattern {
  const regex = RE2JS.compile(source);
  if (regex.matcher('').find()) throw new Error('it matches the empty text');
  return (text, replace) => {
    const matcher = regex.matcher(text);
    let result = '';
    let end = 0;
    while (matcher.find()) {
      result += text.slice(end, matcher.start()) + replace(matcher.group() ?? '');
      end = matcher.end();
    }
    return end === 0 ? text : result + text.slice(end);
  };
}
