import { describe, expect, it } from 'vitest';
import { addLabels, labelName } from './label-names.ts';

describe('label names', () => {
  it.each([
    ['http.request.method', 'http_request_method'],
    ['LabelWithCapitals', 'LabelWithCapitals'],
    ['label:with:colons', 'label_with_colons'],
    ['a..b--c', 'a_b_c'],
    ['a__b', 'a_b'],
    ['_hidden', '_hidden'],
    ['__name__', '_name_'],
    ['1st', 'key_1st'],
    ['schlüssel', 'schl_ssel'],
    ['ようこそ', ''],
    ['', ''],
  ])('%s', (attribute, label) => {
    expect(labelName(attribute)).toBe(label);
  });

  it('joins the values of attributes that fall on one label, in the order of their keys', () => {
    const labels = { kept: 'x' };
    addLabels(labels, { 'a.b': '2', a_b: '3', 'a-b': '1', single: 'y' }, {}, 'UnderscoreEscapingWithSuffixes');
    expect(labels).toEqual({ kept: 'x', a_b: '1;2;3', single: 'y' });
  });

  it('leaves out empty values and reserved labels', () => {
    const labels = { job: 'shop' };
    addLabels(labels, { job: 'other', empty: '', constructor: 'c' }, { job: 'shop' }, 'UnderscoreEscapingWithSuffixes');
    expect(labels).toEqual({ job: 'shop', constructor: 'c' });
  });
});
