// Natives
