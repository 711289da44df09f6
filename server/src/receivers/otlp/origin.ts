import type { Attributes } from '../../model/attributes.ts';
import { serviceOfResource } from '../../model/service.ts';

/** Where the items of one scope come from; shared by all of them. */
export interface Origin {
  readonly service: string;
  readonly resourceAttributes: Attributes;
  readonly scopeName: string;
  readonly scopeVersion: string;
  readonly scopeAttributes: Attributes;
}

export interface Scope {
  readonly name: string;
  readonly version: string;
  readonly attributes: Attributes;
}

export const NO_SCOPE: Scope = { name: '', version: '', attributes: {} };

export function originOf(resourceAttributes: Attributes, scope: Scope): Origin {
  return {
    service: serviceOfResource(resourceAttributes),
    resourceAttributes,
    scopeName: scope.name,
    scopeVersion: scope.version,
    scopeAttributes: scope.attributes,
  };
}
