import type { Template } from './template.ts';

/** The variables are those that alerting gives for an episode. */
const NAME = '{{ alert_name }}{% if service %} on {{ service }}{% endif %}';
const SUMMARY = '{% if summary %}{{ summary }}{% elsif description %}{{ description }}{% endif %}';
const READING =
  '{% if value != null %}{{ value | number }}{% if threshold != null %} ({{ operator | default: ">" }} {{ threshold | number }}){% endif %}{% endif %}';
/** Why somebody hears of it whom nobody had chosen for it. */
const WARNING = '{% if escalation.warning %}{{ escalation.warning }} {% endif %}';
/** What is said again, and why. */
const AGAIN = `{% case reason %}{% when "severity_up" %}Severity rose to {{ severity }}. {% when "reminder" %}Reminder: it still fires{% if duration %}, after {{ duration }}{% endif %}. {% when "silence_ended" %}It is no longer silenced and still fires. {% when "acknowledgement_ended" %}The acknowledgement has ended and it still fires. {% endcase %}`;
const REMINDER = {
  name: 'Next reminder',
  value: '{% if next_reminder_at %}{{ next_reminder_at }}, unless somebody acknowledges{% endif %}',
};
const ESCALATION = {
  name: 'Escalation',
  value: '{% if escalation %}{{ escalation.policy }}, step {{ escalation.step }} of {{ escalation.steps }}{% endif %}',
};
/** Pages of an escalation are about an incident. */
const INCIDENT = { label: 'Open the incident', url: '{% if incident %}{{ incident.url }}{% endif %}' };
const LINKS = [
  INCIDENT,
  { label: 'Open the alert', url: '{{ alert_url }}' },
  { label: 'Runbook', url: '{{ runbook_url }}' },
];

/** What the type decides where no better template is known: the texts of the caller. */
export const PLAIN: Template = { id: 'plain', types: [], subject: '{{ subject }}', message: '{{ message }}' };

const FIRING: Template = {
  id: 'alert.firing',
  types: ['alert.firing'],
  subject: `[{{ severity }}] ${NAME}`,
  mailSubject: `Alert: ${NAME}`,
  message: `${WARNING}${AGAIN}${SUMMARY}`,
  shortText: `{{ severity | upcase }} ${NAME}: {% if summary %}{{ summary }}{% else %}${READING}{% endif %}`,
  facts: [
    { name: 'Service', value: '{{ service }}' },
    { name: 'Severity', value: '{{ severity }}' },
    { name: 'Value', value: READING },
    { name: 'Since', value: '{{ started_at }}' },
    REMINDER,
    ESCALATION,
  ],
  listsLabels: true,
  links: LINKS,
};

const RESOLVED: Template = {
  id: 'alert.resolved',
  types: ['alert.resolved'],
  subject: `[resolved] ${NAME}`,
  mailSubject: `Alert: ${NAME}`,
  message: `Resolved{% if duration %} after {{ duration }}{% endif %}. ${SUMMARY}`,
  shortText: `RESOLVED ${NAME}{% if duration %} after {{ duration }}{% endif %}`,
  facts: [
    { name: 'Service', value: '{{ service }}' },
    { name: 'Value', value: READING },
    { name: 'Started', value: '{{ started_at }}' },
    { name: 'Ended', value: '{{ ended_at }}' },
    { name: 'Reason', value: '{{ resolve_reason }}' },
  ],
  listsLabels: true,
  links: LINKS,
  good: true,
};

const COUNTS =
  '{% if firing_count > 0 %}{{ firing_count }} firing{% endif %}{% if firing_count > 0 and resolved_count > 0 %}, {% endif %}{% if resolved_count > 0 %}{{ resolved_count }} resolved{% endif %}';
/** What fires first, each on a line of its own; of many the first. */
const LINES = `{% for line in lines limit: 20 %}
- {% if line.state == "resolved" %}[resolved] {% endif %}{{ line.name }}{% if line.value != null %}: {{ line.value | number }}{% endif %}{% if line.summary %} {{ line.summary }}{% endif %}{% endfor %}{% if lines.size > 20 %}
and {{ lines.size | minus: 20 | plus: more_count }} more{% endif %}`;

/** Several alerts in one message. */
const FIRING_GROUP: Template = {
  id: 'alert.firing.group',
  types: [],
  subject: `[{{ severity }}] ${NAME} (${COUNTS})`,
  mailSubject: `Alert: ${NAME}`,
  message: `${WARNING}${AGAIN}${COUNTS}.{% if summary %} {{ summary }}{% endif %}${LINES}`,
  shortText: `{{ severity | upcase }} ${NAME}: ${COUNTS}`,
  facts: [
    { name: 'Service', value: '{{ service }}' },
    { name: 'Severity', value: '{{ severity }}' },
    { name: 'Firing', value: '{{ firing_count }}' },
    { name: 'Resolved', value: '{% if resolved_count > 0 %}{{ resolved_count }}{% endif %}' },
    REMINDER,
    ESCALATION,
  ],
  listsLabels: true,
  links: [INCIDENT, { label: 'Open the alert', url: '{{ alert_url }}' }],
};

const RESOLVED_GROUP: Template = {
  ...FIRING_GROUP,
  id: 'alert.resolved.group',
  subject: `[resolved] ${NAME} ({{ resolved_count }})`,
  message: `All {{ resolved_count }} are resolved.{% if summary %} {{ summary }}{% endif %}${LINES}`,
  shortText: `RESOLVED ${NAME}: all {{ resolved_count }}`,
  good: true,
};

const TEST: Template = {
  id: 'test',
  types: ['test', 'alert.test'],
  subject: '[test] {% if alert_name %}{{ alert_name }}{% else %}Test notification{% endif %}',
  message:
    'This is a test{% if alert_name %} of the alert {{ alert_name }}{% endif %}. Nothing is wrong; messages reach you here.',
  links: LINKS,
};

/** What has waited, in one message. */
const DIGEST: Template = {
  id: 'digest',
  types: ['digest'],
  subject: '{{ count }} notifications',
  message: `{% for line in lines %}{{ line.at }} {{ line.subject }}{% if line.fired_and_resolved %} (fired and resolved){% endif %}
{% endfor %}{% if more > 0 %}and {{ more }} more{% endif %}`,
  shortText:
    '{{ count }} notifications: {% for line in lines limit: 4 %}{{ line.subject }}{% unless forloop.last %}; {% endunless %}{% endfor %}',
};

export const BUILT_IN: readonly Template[] = [PLAIN, FIRING, RESOLVED, FIRING_GROUP, RESOLVED_GROUP, DIGEST, TEST];
