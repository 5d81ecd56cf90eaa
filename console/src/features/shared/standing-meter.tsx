/** How a limit stands for one subject: a bar, its figures, and when it starts anew. */
import type { Standing, StandingState } from "~/api/limits";
import { useSpeech } from "~/lib/i18n/context";
import { Badge } from "~/ui/badge";
import { Meter } from "~/ui/meter";
import { Until } from "~/ui/since";
import type { Tone } from "~/ui/tone";
import { amountOf } from "./amount";
import styles from "./standing-meter.module.css";
import { useCurrency } from "./use-currency";

const TONES: Readonly<Record<StandingState, Tone>> = { ok: "ok", warning: "busy", reached: "bad" };

export function StandingBadge({ state }: { readonly state: StandingState }) {
  const { t } = useSpeech();
  return (
    <Badge dot tone={TONES[state]}>
      {t(`limits.state_${state}`)}
    </Badge>
  );
}

export function StandingMeter({ standing }: { readonly standing: Standing }) {
  const { t, format } = useSpeech();
  const currency = useCurrency();
  const { limit, used, held, forecast, state, subject } = standing;
  const say = (amount: number) => amountOf(amount, limit, format, currency);
  const figures = t("limits.of", { used: say(used), amount: say(limit.amount) });
  return (
    <div className={styles.standing}>
      <div className={styles.figures}>
        <b>{figures}</b>
        <span>
          {held > 0 && t("limits.heldFor", { held: say(held) })}
          {held > 0 && forecast !== null && " · "}
          {forecast !== null && t("limits.forecast", { amount: say(forecast) })}
        </span>
      </div>
      <Meter
        label={`${limit.name} ${subject}: ${figures}`}
        most={limit.amount}
        used={used}
        held={held}
        forecast={forecast}
        tone={TONES[state]}
      />
      {standing.resets_at > 0 && limit.period !== "none" && (
        <p className={styles.faint}>
          {t("limits.resets")} <Until at={standing.resets_at} />
        </p>
      )}
    </div>
  );
}
