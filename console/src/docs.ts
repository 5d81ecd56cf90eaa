/** The API reference: Swagger UI from this build, over the house's own OpenAPI document; no other host is asked. */
import "swagger-ui-dist/swagger-ui.css";
import "./ui/tokens.css";
import "./ui/docs.css";
import swagger from "swagger-ui-dist/swagger-ui-es-bundle";

const dark = matchMedia("(prefers-color-scheme: dark)");

function followTheme(): void {
  const chosen = document.documentElement.dataset.theme;
  document.documentElement.classList.toggle("dark-mode", chosen ? chosen === "dark" : dark.matches);
}

followTheme();
dark.addEventListener("change", followTheme);
swagger({
  url: "/openapi.json",
  dom_id: "#reference",
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  persistAuthorization: false,
  tryItOutEnabled: true,
  validatorUrl: null,
});
