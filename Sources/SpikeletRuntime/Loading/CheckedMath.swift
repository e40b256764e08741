/// The sum, or nil when it does not fit 32 bits.
@inline(__always)
func checkedSum(_ a: Int32, _ b: Int32) -> Int32? {
  let (value, overflow) = a.addingReportingOverflow(b)
  return overflow ? nil : value
}

/// The product, or nil when it does not fit 32 bits.
@inline(__always)
func checkedProduct(_ a: Int32, _ b: Int32) -> Int32? {
  let (value, overflow) = a.multipliedReportingOverflow(by: b)
  return overflow ? nil : value
}

/// The product of three factors, or nil when it does not fit 32 bits.
@inline(__always)
func checkedProduct(_ a: Int32, _ b: Int32, _ c: Int32) -> Int32? {
  guard let first = checkedProduct(a, b) else { return nil }
  return checkedProduct(first, c)
}

/// `value` rounded up to a multiple of `alignment`, a power of two, or nil past 32 bits.
func aligned(_ value: Int32, to alignment: Int32) -> Int32? {
  guard let raised = checkedSum(value, alignment &- 1) else { return nil }
  return raised & ~(alignment &- 1)
}
