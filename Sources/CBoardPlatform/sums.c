#include "cplatform.h"

#include <string.h>

void platform_sum_add(uint8_t *sums, size_t position, uint32_t value) {
  uint64_t sum;
  memcpy(&sum, sums + 8 * position, sizeof sum);
  sum += value;
  memcpy(sums + 8 * position, &sum, sizeof sum);
}

uint32_t platform_sum_ratio(const uint8_t *sums, size_t position, uint32_t b) {
  uint64_t sum;
  memcpy(&sum, sums + 8 * position, sizeof sum);
  if (b == 0) return 0;
  uint64_t quotient = (sum + b / 2) / b;
  return quotient > UINT32_MAX ? UINT32_MAX : (uint32_t)quotient;
}
