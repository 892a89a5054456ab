/** A stylesheet, as the build links it into the page. */
declare module '*.css';
