import { useQuery } from '@tanstack/react-query';
import { get } from '../../api-client/http.ts';
import type { NotificationDetail } from '../../api-client/types.ts';
import { capital } from '../../components/badges.tsx';
import { DeliveryStatus } from '../../components/delivery-status.tsx';
import { Loaded } from '../../components/states.tsx';
import { Timestamp } from '../../components/times.tsx';
import classes from './decision-trace.module.css';
import { DeliveryActions } from './delivery-actions.tsx';

type Delivery = NotificationDetail['deliveries'][number];

/** Why a notification was sent where, or not: what each rule has said, and what each attempt came to. */
export function DecisionTrace({ notificationId }: { notificationId: string }) {
  const query = useQuery({
    queryKey: ['api/notifications', notificationId],
    queryFn: ({ signal }) => get<NotificationDetail>(`api/notifications/${notificationId}`, {}, signal),
  });
  return (
    <Loaded query={query} rows={4}>
      {({ id, deliveries, message, template, template_error }) => (
        <div className={classes.trace}>
          <p className={classes.message}>{message}</p>
          {template ? (
            <p className="muted">
              Template: {template}
              {template_error ? `; ${template_error}` : ''}
            </p>
          ) : null}
          {deliveries.length === 0 ? <p className="muted">It was for nobody.</p> : null}
          <DeliveryActions id={id} deliveries={deliveries} />
          {deliveries.map((delivery) => (
            <DeliveryTrace key={delivery.id} delivery={delivery} />
          ))}
        </div>
      )}
    </Loaded>
  );
}

function DeliveryTrace({ delivery }: { delivery: Delivery }) {
  const { channel, recipient, status, reason, detail, trace, attempts, next_attempt_at } = delivery;
  return (
    <section aria-label={`${capital(channel)} to ${recipient}`}>
      <div className={classes.title}>
        <DeliveryStatus status={status} /> {capital(channel)} to {recipient}
      </div>
      <ol className={classes.steps}>
        {trace.map((step) => (
          <li key={`${step.rule} ${step.result}`}>
            {capital(step.rule)}: <b>{step.result}</b>
          </li>
        ))}
        {reason ? (
          <li>
            Held back: <b>{capital(reason).toLowerCase()}</b>
            {detail ? `. ${detail}` : ''}
          </li>
        ) : null}
        {attempts.map((attempt) => (
          <li key={attempt.at}>
            <Timestamp time={attempt.at} /> <b>{capital(attempt.outcome)}</b> {attempt.detail ?? ''}
          </li>
        ))}
        {next_attempt_at ? (
          <li>
            Next attempt: <Timestamp time={next_attempt_at} />
          </li>
        ) : null}
      </ol>
    </section>
  );
}
