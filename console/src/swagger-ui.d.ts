/** The bundle brings no types; these are the options that are used here. */
declare module "swagger-ui-dist/swagger-ui-es-bundle" {
  interface Options {
    readonly url: string;
    readonly dom_id: string;
    readonly deepLinking: boolean;
    readonly docExpansion: "list" | "full" | "none";
    readonly defaultModelsExpandDepth: number;
    readonly persistAuthorization: boolean;
    readonly tryItOutEnabled: boolean;
    readonly validatorUrl: null;
  }
  export default function swagger(options: Options): void;
}
