/** Buttons: one quiet kind, one that leads, one that warns; while busy they say so and cannot be pressed again. */
import type { ComponentProps, ReactNode } from "react";
import { Link } from "wouter";
import { classNames } from "~/lib/class-names";
import styles from "./button.module.css";
import { Icon, type IconName } from "./icon";

interface ButtonProps extends ComponentProps<"button"> {
  readonly kind?: "quiet" | "primary" | "danger" | "bare";
  readonly icon?: IconName;
  readonly busy?: boolean;
  readonly small?: boolean;
}

export function Button({
  kind = "quiet",
  icon,
  busy = false,
  small = false,
  className,
  disabled,
  children,
  ...rest
}: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      className={classNames(styles.button, styles[kind], small && styles.small, className)}
      disabled={disabled === true || busy}
      aria-busy={busy || undefined}
    >
      {busy ? <span className={styles.spinner} aria-hidden="true" /> : icon && <Icon name={icon} size={16} />}
      {children}
    </button>
  );
}

interface IconButtonProps extends Omit<ComponentProps<"button">, "children"> {
  readonly icon: IconName;
  readonly label: string;
}

export function IconButton({ icon, label, className, ...rest }: IconButtonProps) {
  return (
    <button type="button" title={label} aria-label={label} {...rest} className={classNames(styles.icon, className)}>
      <Icon name={icon} />
    </button>
  );
}

interface ButtonLinkProps {
  readonly href: string;
  readonly icon?: IconName;
  readonly children: ReactNode;
}

/** A way to another page that stands among buttons. */
export function ButtonLink({ href, icon, children }: ButtonLinkProps) {
  return (
    <Link href={href} className={styles.button ?? ""}>
      {icon && <Icon name={icon} size={16} />}
      {children}
    </Link>
  );
}
