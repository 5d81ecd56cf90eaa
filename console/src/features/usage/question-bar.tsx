/** What to look at: a span, and filters that stay until they are taken off. */
import { type FormEvent, useState } from "react";
import { SPANS } from "~/features/shared/span";
import { useKeyNames } from "~/features/shared/use-names";
import { useSpeech } from "~/lib/i18n/context";
import { Button } from "~/ui/button";
import { Choice } from "~/ui/choice";
import { Icon } from "~/ui/icon";
import { DIMENSIONS, type Question, type Shown } from "./question";
import styles from "./usage.module.css";

interface QuestionBarProps {
  readonly question: Question;
  readonly onAsk: (part: Partial<Question>) => void;
}

export function QuestionBar({ question, onAsk }: QuestionBarProps) {
  const { t } = useSpeech();
  return (
    <div className={styles.bar}>
      <Choice
        label={t("usage.span")}
        options={SPANS.map((value) => ({ value, label: t(`usage.${value}`) }))}
        value={question.span}
        onChange={(span) => onAsk({ span })}
      />
      {question.span === "custom" && (
        <span className={styles.days}>
          <DayField label={t("usage.from")} value={question.from} onChange={(from) => onAsk({ from })} />
          <DayField label={t("usage.to")} value={question.to} onChange={(to) => onAsk({ to })} />
        </span>
      )}
      <FilterChips question={question} onAsk={onAsk} />
      <AddFilter question={question} onAsk={onAsk} />
    </div>
  );
}

interface DayFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

function DayField({ label, value, onChange }: DayFieldProps) {
  return (
    <label className={styles.day}>
      {label} <input type="date" value={value} onChange={(event) => onChange(event.target.value)} />
    </label>
  );
}

function FilterChips({ question, onAsk }: QuestionBarProps) {
  const { t } = useSpeech();
  const set = DIMENSIONS.filter((name) => question.filters[name] !== undefined);
  const keyName = useKeyNames();
  if (set.length === 0) return null;
  const shown = (name: Shown) => {
    const value = question.filters[name] ?? "";
    return (name === "key" ? keyName(value) : value) || t("usage.nobody");
  };
  const without = (gone: Shown) =>
    Object.fromEntries(Object.entries(question.filters).filter(([name]) => name !== gone));
  return (
    <ul className={styles.chips} aria-label={t("usage.filters")}>
      {set.map((name) => (
        <li key={name}>
          {t(`usage.${name}`)}: <b>{shown(name)}</b>
          <button
            type="button"
            aria-label={t("usage.without", { name: t(`usage.${name}`) })}
            onClick={() => onAsk({ filters: without(name) })}
          >
            <Icon name="close" size={12} />
          </button>
        </li>
      ))}
    </ul>
  );
}

function AddFilter({ question, onAsk }: QuestionBarProps) {
  const { t } = useSpeech();
  const [name, setName] = useState<Shown>("project");
  const [value, setValue] = useState("");
  const submitted = (event: FormEvent) => {
    event.preventDefault();
    if (value.trim() === "") return;
    onAsk({ filters: { ...question.filters, [name]: value.trim() } });
    setValue("");
  };
  return (
    <form className={styles.filter} onSubmit={submitted}>
      <select aria-label={t("usage.addFilter")} value={name} onChange={(event) => setName(event.target.value as Shown)}>
        {DIMENSIONS.map((one) => (
          <option key={one} value={one}>
            {t(`usage.${one}`)}
          </option>
        ))}
      </select>
      <input
        aria-label={t("usage.value")}
        placeholder={t("usage.value")}
        spellCheck={false}
        value={value}
        onChange={(event) => setValue(event.target.value)}
      />
      <Button small type="submit" disabled={value.trim() === ""}>
        {t("usage.apply")}
      </Button>
    </form>
  );
}
