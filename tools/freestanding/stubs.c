/* The whole environment of the freestanding program that `scripts/tool elf` links the engine into.
 * There is no allocator to be found. */
typedef __SIZE_TYPE__ size_t;
void *memcpy(void *d, const void *s, size_t n) {
  for (size_t i = 0; i < n; i++) ((volatile char *)d)[i] = ((const char *)s)[i];
  return d;
}
void *memmove(void *d, const void *s, size_t n) {
  if (d < s) return memcpy(d, s, n);
  while (n--) ((volatile char *)d)[n] = ((const char *)s)[n];
  return d;
}
void *memset(void *d, int c, size_t n) {
  for (size_t i = 0; i < n; i++) ((volatile char *)d)[i] = (char)c;
  return d;
}
int memcmp(const void *a, const void *b, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (((const char *)a)[i] != ((const char *)b)[i]) return 1;
  return 0;
}
const size_t __stack_chk_guard = 0x5eed;
void __stack_chk_fail(void) { __builtin_trap(); }
#if defined(__arm__)
#define ALIAS(name, of) __typeof__(of) name __attribute__((alias(#of)))
ALIAS(__aeabi_memcpy, memcpy);
ALIAS(__aeabi_memcpy4, memcpy);
ALIAS(__aeabi_memcpy8, memcpy);
ALIAS(__aeabi_memmove, memmove);
ALIAS(__aeabi_memmove4, memmove);
ALIAS(__aeabi_memmove8, memmove);
void __aeabi_memclr(void *d, size_t n) { memset(d, 0, n); }
void __aeabi_memclr4(void *d, size_t n) { memset(d, 0, n); }
void __aeabi_memclr8(void *d, size_t n) { memset(d, 0, n); }
void __aeabi_memset(void *d, size_t n, int c) { memset(d, c, n); }
void __aeabi_memset4(void *d, size_t n, int c) { memset(d, c, n); }
void __aeabi_memset8(void *d, size_t n, int c) { memset(d, c, n); }
unsigned __aeabi_uidiv(unsigned a, unsigned b) {
  unsigned q = 0, r = 0;
  for (int i = 31; i >= 0; i--) {
    r = r << 1 | (a >> i & 1);
    if (r >= b) r -= b, q |= 1u << i;
  }
  return q;
}
int __aeabi_idiv(int a, int b) {
  unsigned q = __aeabi_uidiv(a < 0 ? -(unsigned)a : a, b < 0 ? -(unsigned)b : b);
  return (a < 0) != (b < 0) ? -(int)q : (int)q;
}
__attribute__((naked)) void __aeabi_uidivmod(void) {
  __asm__("push {r0, r1, r4, lr}\nbl __aeabi_uidiv\npop {r2, r3, r4, lr}\n"
          "mul r1, r0, r3\nsub r1, r2, r1\nbx lr\n");
}
__attribute__((naked)) void __aeabi_idivmod(void) {
  __asm__("push {r0, r1, r4, lr}\nbl __aeabi_idiv\npop {r2, r3, r4, lr}\n"
          "mul r1, r0, r3\nsub r1, r2, r1\nbx lr\n");
}
#endif
