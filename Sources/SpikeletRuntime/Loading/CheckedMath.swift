/// The sum, or nil when it does not fit 32 bits. Of potentials and weights; sizes are a `Size`.
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
