/** Line icons on a 20-unit grid, drawn for this console. */
const PATHS = {
  overview: "M10 2.8a7.2 7.2 0 1 0 0 14.4 7.2 7.2 0 0 0 0-14.4ZM10 10l3.4-3.4M6 10h.01",
  playground: "M3 4.5h14v9H9.5L6 16.5v-3H3z M6.5 8h7M6.5 10.5h4",
  models: "M10 2.5 17 6v8l-7 3.5L3 14V6zM3 6l7 3.5L17 6M10 9.5v8",
  deployments: "M3 3.5h14v5H3zM3 11.5h14v5H3zM6 6h.01M6 14h.01M9 6h5M9 14h5",
  training: "M3 16.5h14M3 13c3.5-.5 4.5-2 6-5s3-4 8-4.5M9 8h.01M14.5 4.2h.01",
  keys: "M13 2.8a4.2 4.2 0 1 1-3.9 5.8L3 14.7V17h3v-2h2v-2l2.3-2.2M14 6h.01",
  jobs: "M3.5 5.5 5 7l2.5-3M3.5 14 5 15.5 7.5 12.5M10.5 5.5H17M10.5 14H17",
  logs: "M4 3h12v14H4zM7 7h6M7 10h6M7 13h3",
  docs: "M4 4.5C4 3.7 4.7 3 5.5 3H16v11.5H5.5c-.8 0-1.5.7-1.5 1.5zM4 16c0 .8.7 1.5 1.5 1.5H16",
  copy: "M7 7h9v9.5H7zM4 12.5V3.5h9",
  check: "m4 10.5 4 4 8-9",
  close: "M5 5l10 10M15 5 5 15",
  plus: "M10 4v12M4 10h12",
  minus: "M4 10h12",
  restart: "M16 10a6 6 0 1 1-1.8-4.3L16 7.5M16 3.5v4h-4",
  trash: "M4 5.5h12M8 5.5V3.5h4v2M5.5 5.5l.7 11h7.6l.7-11M8.5 8.5v5M11.5 8.5v5",
  stop: "M6 6h8v8H6z",
  send: "M10 16V4M5 9l5-5 5 5",
  more: "M3 6h14M3 10h14M3 14h14",
  sun: "M10 6.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7ZM10 2v1.5M10 16.5V18M2 10h1.5M16.5 10H18M4.3 4.3l1.1 1.1M14.6 14.6l1.1 1.1M4.3 15.7l1.1-1.1M14.6 5.4l1.1-1.1",
  moon: "M16 11.8A6.5 6.5 0 1 1 8.2 4a5.2 5.2 0 0 0 7.8 7.8Z",
  system: "M3 4h14v9H3zM7.5 16.5h5M10 13v3.5",
  leave: "M8 3.5H4v13h4M12.5 6.5 16 10l-3.5 3.5M16 10H8",
  shield: "M10 2.5 16 5v5c0 3.5-2.5 6-6 7.5C6.5 16 4 13.5 4 10V5zM7.3 10l2 2 3.5-4",
  arrow: "M8 5l5 5-5 5",
  usage: "M3 16.5h14M5 16.5V11M9 16.5V6M13 16.5V9M17 16.5V3.5",
  limits: "M3.2 14a7.3 7.3 0 1 1 13.6 0M10 12.5l3.2-4M10 12.5h.01",
  projects: "M3 5h5l1.5 2H17v9H3z",
  people:
    "M7.5 9.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM2.5 16.5c.3-3 2-4.5 5-4.5s4.7 1.5 5 4.5M12.5 3.8a3 3 0 0 1 0 5.4M14.5 12.3c1.8.600 2.8 2 3 4.2",
  policies: "M10 2.5v14M6.5 16.5h7M4 5.5h12M4 5.5 1.8 11.5h4.4zM16 5.5l-2.2 6h4.4z",
  tenants: "M3 17V8l7-5 7 5v9M7.5 17v-5h5v5M2 17h16",
  upstreams:
    "M6 14.5a3.5 3.5 0 0 1-.5-7 4.7 4.7 0 0 1 9-.300 3.7 3.7 0 0 1-.500 7.3zM10 17.5v-7M7.5 12.5l2.5-2.5 2.5 2.5",
  audit: "M4 3h9l3 3v6M4 3v14h6M7 8h5M7 11h3M13 17l1.8 1 3-4",
  configuration: "M4 3v5M4 12v5M10 3v9M10 16v1M16 3v2M16 9v8M2 10h4M8 14h4M14 7h4",
  person: "M10 9.5a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4ZM4 17c.400-3.5 2.5-5.2 6-5.2s5.6 1.7 6 5.2",
  download: "M10 3v9M6.5 8.5 10 12l3.5-3.5M4 16.5h12",
  search: "M9 3.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11ZM13 13l4 4",
  edit: "M4 16l.8-3.5L13.5 3.8l2.7 2.7L7.5 15.2zM11.8 5.5l2.7 2.7",
  code: "M7 6 3 10l4 4M13 6l4 4-4 4",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 18 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 20 20"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
