// The model of an executable that is its own deployment: scripts/build-boards --embedded-model FILE
// defines SPIKELET_EMBEDDED_MODEL as the file's path, in quotes.
#include "cplatform.h"

#ifdef SPIKELET_EMBEDDED_MODEL
#pragma clang diagnostic ignored "-Wc23-extensions"
static const uint8_t model[] __attribute__((aligned(64))) = {
#embed SPIKELET_EMBEDDED_MODEL
};
struct platform_bytes platform_embedded_model(void) {
  return (struct platform_bytes){model, sizeof model};
}
#else
struct platform_bytes platform_embedded_model(void) { return (struct platform_bytes){NULL, 0}; }
#endif
