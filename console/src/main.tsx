import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { newQueries } from './api/queries.js';
import { App } from './app.js';
import './style/base.css';

/** Who is signed in; what they are shown is kept apart, see `app.tsx`. */
const queries = newQueries();

const place = document.querySelector('#console');
if (place !== null)
  createRoot(place).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <App />
      </QueryClientProvider>
    </StrictMode>,
  );
