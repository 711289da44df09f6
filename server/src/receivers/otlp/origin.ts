import { packAttributes } from '../../model/attribute-packer.ts';
import type { Attributes } from '../../model/attributes.ts';
import type { PackedAttributes } from '../../model/packed-attributes.ts';
import { serviceOfResource } from '../../model/service.ts';

/** Where the items of one scope come from; shared by all of them. */
export interface Origin {
  readonly service: string;
  readonly resourceAttributes: PackedAttributes;
  readonly resourceSchemaUrl: string;
  readonly scopeName: string;
  readonly scopeVersion: string;
  readonly scopeAttributes: PackedAttributes;
  readonly scopeSchemaUrl: string;
}

export interface Scope {
  readonly name: string;
  readonly version: string;
  readonly attributes: Attributes;
}

/** https://opentelemetry.io/docs/specs/otel/schemas/ */
export interface SchemaUrls {
  readonly resource: string;
  readonly scope: string;
}

export const NO_SCOPE: Scope = { name: '', version: '', attributes: {} };

/** Makes origins; one for a request. The scopes of one resource share its packed attributes. */
export class Origins {
  #resource: Attributes | undefined;
  #packed = packAttributes({});
  #service = '';

  of(resource: Attributes, scope: Scope, schemaUrls: SchemaUrls): Origin {
    if (resource !== this.#resource) {
      this.#resource = resource;
      this.#packed = packAttributes(resource);
      this.#service = serviceOfResource(resource);
    }
    return {
      service: this.#service,
      resourceAttributes: this.#packed,
      resourceSchemaUrl: schemaUrls.resource,
      scopeName: scope.name,
      scopeVersion: scope.version,
      scopeAttributes: packAttributes(scope.attributes),
      scopeSchemaUrl: schemaUrls.scope,
    };
  }
}
