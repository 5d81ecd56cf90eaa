/** Theme and language, chosen on any page. */
import { useSpeech } from "~/lib/i18n/context";
import { THEMES } from "~/lib/theme";
import { useTheme } from "~/lib/use-theme";
import { Choice } from "~/ui/choice";
import { Icon } from "~/ui/icon";

const THEME_ICONS = { system: "system", light: "sun", dark: "moon" } as const;

export function ThemeChoice() {
  const { t } = useSpeech();
  const [theme, setTheme] = useTheme();
  return (
    <Choice
      label={t("shell.theme")}
      options={THEMES.map((value) => ({
        value,
        label: <Icon name={THEME_ICONS[value]} size={15} />,
        title: t(`shell.${value}`),
      }))}
      value={theme}
      onChange={setTheme}
    />
  );
}

export function LanguageChoice() {
  const { t, language, setLanguage } = useSpeech();
  return (
    <Choice
      label={t("shell.language")}
      options={[
        { value: "en", label: <span lang="en">EN</span>, title: "English" },
        { value: "zh", label: <span lang="zh-CN">中</span>, title: "中文" },
      ]}
      value={language}
      onChange={setLanguage}
    />
  );
}
