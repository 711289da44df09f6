import { Autocomplete, Button, Textarea, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { faultOf } from '../../api-client/http.ts';
import type { TemplateView } from '../../api-client/types.ts';
import classes from './template-editor.module.css';

export type Variant = NonNullable<TemplateView['variants']>[number];

interface TemplateVariantsProps {
  variants: readonly Variant[];
  onChange: (variants: Variant[]) => void;
  error: Error | null;
}

/** What comes to mind; the service knows all of them and says so. */
const CHANNELS = ['in_app', 'email', 'sms', 'slack', 'teams', 'discord', 'telegram', 'ntfy', 'pagerduty', 'webhook'];
const LOCALES = ['de', 'en', 'es', 'fr', 'it', 'ja', 'nl', 'pl', 'pt', 'zh'];

/** Other texts for a channel or a language; what one leaves out is the template's own. */
export function TemplateVariants({ variants, onChange, error }: TemplateVariantsProps) {
  const change = (at: number, fields: Readonly<Record<string, string>>) =>
    onChange(variants.map((variant, index) => (index === at ? without({ ...variant, ...fields }) : variant)));
  return (
    <fieldset className={classes.variants}>
      <legend>Variants</legend>
      {variants.map((variant, at) => {
        const fault = (field: string) => faultOf(error, `variants[${at}].${field}`);
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: variants have no other identity than their place
          <section key={at} className={classes.variant} aria-label={`Variant ${at + 1}`}>
            <div className={classes.pair}>
              <Autocomplete
                size="xs"
                label="For the channel"
                placeholder="Every channel"
                data={CHANNELS}
                value={variant.channel ?? ''}
                error={fault('channel')}
                onChange={(channel) => change(at, { channel })}
              />
              <Autocomplete
                size="xs"
                label="In the language"
                placeholder="Every language"
                data={LOCALES}
                value={variant.locale ?? ''}
                error={fault('locale')}
                onChange={(locale) => change(at, { locale })}
              />
              <Button
                size="xs"
                variant="default"
                aria-label={`Remove variant ${at + 1}`}
                onClick={() => onChange(variants.filter((_, index) => index !== at))}
              >
                Remove
              </Button>
            </div>
            <TextInput
              label="Its subject"
              placeholder="As the template"
              value={variant.subject ?? ''}
              error={fault('subject')}
              onChange={(event) => change(at, { subject: event.currentTarget.value })}
            />
            <Textarea
              label="Its message"
              placeholder="As the template"
              autosize
              maxRows={12}
              value={variant.message ?? ''}
              error={fault('message')}
              onChange={(event) => change(at, { message: event.currentTarget.value })}
            />
          </section>
        );
      })}
      <Button
        size="compact-sm"
        variant="default"
        leftSection={<IconPlus size={13} aria-hidden="true" />}
        onClick={() => onChange([...variants, {}])}
      >
        Add a variant
      </Button>
    </fieldset>
  );
}

/** A field that was emptied is the template's own again. */
function without(variant: Readonly<Record<string, string | undefined>>): Variant {
  return Object.fromEntries(Object.entries(variant).filter(([, text]) => text !== '')) as Variant;
}
