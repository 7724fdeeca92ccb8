/** Version of the command and of the library; a test holds it to package.json. */
export const VERSION = '0.1.0';
