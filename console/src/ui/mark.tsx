/** The house from above: a thick wall with one gate, a ring of rooms, the hall in the courtyard. */
interface MarkProps {
  readonly size?: number;
}

export function Mark({ size = 28 }: MarkProps) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" fill="none" stroke="currentColor" aria-hidden="true">
      <path d="M12.9 28.6A13 13 0 1 1 19.1 28.6" strokeWidth="4" strokeLinecap="round" />
      <circle cx="16" cy="16" r="7.6" strokeWidth="2.6" strokeDasharray="4.57 1.4" strokeDashoffset="2.3" />
      <circle cx="16" cy="16" r="1.3" strokeWidth="2.6" />
    </svg>
  );
}
