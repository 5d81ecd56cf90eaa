/** Figures, sizes and times as a reader of the language expects them; what is not known is a dash. */
import type { Language } from "./i18n/words";

export const UNKNOWN = "–";
type Figure = number | null | undefined;

export interface Formats {
  readonly count: (value: Figure) => string;
  readonly compact: (value: Figure) => string;
  readonly rate: (value: Figure) => string;
  readonly milliseconds: (value: Figure) => string;
  /** Money in the house's currency, as fine as its size asks for: `$1,204.50`, `$0.0042`. */
  readonly money: (value: Figure, currency?: string) => string;
  readonly percent: (part: number) => string;
  readonly bytes: (value: Figure) => string;
  readonly time: (unixSeconds: Figure) => string;
  readonly clock: (unixSeconds: number) => string;
  /** An hour, a day and a month of the ledger, which counts in UTC. */
  readonly hour: (unixSeconds: number) => string;
  readonly day: (unixSeconds: number) => string;
  readonly month: (unixSeconds: number) => string;
  readonly date: (unixSeconds: number) => string;
  readonly duration: (seconds: number) => string;
}

const BYTES = ["B", "KiB", "MiB", "GiB", "TiB"];
const DAY = 86_400;
const HOUR = 3600;
const MINUTE = 60;

export function formats(language: Language): Formats {
  const locale = language === "zh" ? "zh-CN" : "en-GB";
  // British English writes a million as "m", which reads as a thousandth here.
  const figures = language === "zh" ? "zh-CN" : "en-US";
  const whole = new Intl.NumberFormat(figures, { maximumFractionDigits: 0 });
  const short = new Intl.NumberFormat(figures, { notation: "compact", maximumFractionDigits: 1 });
  const fine = new Intl.NumberFormat(figures, { maximumFractionDigits: 1 });
  const share = new Intl.NumberFormat(figures, { style: "percent", maximumFractionDigits: 1 });
  const moment = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
  const clock = new Intl.DateTimeFormat(locale, { timeStyle: "medium", hourCycle: "h23" });
  const day = new Intl.DateTimeFormat(locale, { dateStyle: "medium" });
  const utc = { timeZone: "UTC" } as const;
  const hour = new Intl.DateTimeFormat(locale, { ...utc, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const dayOfYear = new Intl.DateTimeFormat(locale, { ...utc, day: "numeric", month: "short" });
  const month = new Intl.DateTimeFormat(locale, { ...utc, month: "long", year: "numeric" });
  const known = (say: (value: number) => string) => (value: Figure) =>
    value === null || value === undefined ? UNKNOWN : say(value);
  return {
    count: known((value) => whole.format(value)),
    compact: known((value) => (value < 10_000 ? whole : short).format(value)),
    rate: known((value) => (value >= 100 ? whole : fine).format(value)),
    milliseconds: known((value) => milliseconds(value, fine, whole)),
    money: (value, currency = "USD") => known((amount: number) => money(amount, currency, figures))(value),
    percent: (part) => share.format(part),
    bytes: known((value) => bytes(value, fine)),
    time: known((value) => moment.format(value * 1000)),
    clock: (value) => clock.format(value * 1000),
    hour: (value) => hour.format(value * 1000),
    day: (value) => dayOfYear.format(value * 1000),
    month: (value) => month.format(value * 1000),
    date: (value) => day.format(value * 1000),
    duration: (seconds) => duration(seconds, language),
  };
}

/** Below a hundredth the first two figures that are not 0 count; the smallest amount is a millionth. */
function money(value: number, currency: string, locale: string): string {
  const size = Math.abs(value);
  const digits = size === 0 || size >= 0.1 ? 2 : Math.min(6, 1 - Math.floor(Math.log10(size)));
  const style = { style: "currency", currency, currencyDisplay: "narrowSymbol" } as const;
  const fraction = { minimumFractionDigits: 2, maximumFractionDigits: Math.max(2, digits) };
  return new Intl.NumberFormat(locale, { ...style, ...fraction }).format(value);
}

function milliseconds(value: number, fine: Intl.NumberFormat, whole: Intl.NumberFormat): string {
  if (value >= 10_000) return `${fine.format(value / 1000)} s`;
  return `${(value < 10 ? fine : whole).format(value)} ms`;
}

function bytes(value: number, fine: Intl.NumberFormat): string {
  let [size, unit] = [value, 0];
  while (size >= 1024 && unit < BYTES.length - 1) [size, unit] = [size / 1024, unit + 1];
  return `${fine.format(size)} ${BYTES[unit]}`;
}

const UNITS = {
  en: { d: "d", h: "h", min: "min", s: "s" },
  zh: { d: "天", h: "小时", min: "分", s: "秒" },
} as const;

/** Say a length of time with its two largest units: `45 s`, `3 min 20 s`, `2 h 5 min`, `4 d 1 h`. */
function duration(seconds: number, language: Language): string {
  const s = Math.max(0, Math.round(seconds));
  const { d, h, min, s: sec } = UNITS[language];
  if (s < MINUTE) return `${s} ${sec}`;
  if (s < HOUR) return pair(s, [MINUTE, min], [1, sec]);
  if (s < DAY) return pair(s, [HOUR, h], [MINUTE, min]);
  return pair(s, [DAY, d], [HOUR, h]);
}

type Unit = readonly [seconds: number, name: string];

function pair(seconds: number, [large, largeName]: Unit, [small, smallName]: Unit): string {
  const rest = Math.floor((seconds % large) / small);
  const head = `${Math.floor(seconds / large)} ${largeName}`;
  return rest === 0 ? head : `${head} ${rest} ${smallName}`;
}
