// Runtimes
