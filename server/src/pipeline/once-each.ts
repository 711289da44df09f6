/**
 * Items of one resource share its attribute list: the answer for the last one is remembered, so that it is made once
 * and stays shared.
 */
export function onceEach<Input extends object, Output>(make: (input: Input) => Output): (input: Input) => Output {
  let last: Input | undefined;
  let answer: Output;
  return (input) => {
    if (input !== last) {
      answer = make(input);
      last = input;
    }
    return answer;
  };
}
