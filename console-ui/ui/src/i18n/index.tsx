import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import { en, type Text } from './en';

export type Language = 'en' | 'ko';
export type Theme = 'system' | 'light' | 'dark';

interface Preferences {
  text: Text;
  language: Language;
  setLanguage(language: Language): void;
  theme: Theme;
  setTheme(theme: Theme): void;
}

const Context = createContext<Preferences | null>(null);

function stored<T extends string>(key: string, allowed: readonly T[], fallback: T): T {
  const value = localStorage.getItem(key);
  return allowed.find((one) => one === value) ?? fallback;
}

/** Language and theme, remembered by the browser; Korean is loaded when it is wanted. */
export function PreferencesProvider({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useState<Language>(() =>
    stored('millrace.language', ['en', 'ko'], navigator.language.startsWith('ko') ? 'ko' : 'en'),
  );
  const [theme, setTheme] = useState<Theme>(() => stored('millrace.theme', ['system', 'light', 'dark'], 'system'));
  const [text, setText] = useState<Text>(en);
  useEffect(() => {
    localStorage.setItem('millrace.language', language);
    document.documentElement.lang = language;
    if (language === 'en') setText(en);
    else void import('./ko').then((module) => setText(module.ko));
  }, [language]);
  useEffect(() => {
    localStorage.setItem('millrace.theme', theme);
    if (theme === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  }, [theme]);
  const value = useMemo(() => ({ text, language, setLanguage, theme, setTheme }), [text, language, theme]);
  return <Context.Provider value={value}>{children}</Context.Provider>;
}

export function usePreferences(): Preferences {
  const value = useContext(Context);
  if (!value) throw new Error('PreferencesProvider is missing');
  return value;
}

export function useText(): Text {
  return usePreferences().text;
}
