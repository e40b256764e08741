extension Int {
  /// The number with a comma between thousands.
  package var grouped: String {
    let digits = Array(String(magnitude))
    var result = ""
    for (position, digit) in digits.enumerated() {
      if position > 0, (digits.count - position) % 3 == 0 { result += "," }
      result.append(digit)
    }
    return self < 0 ? "−" + result : result
  }
}

extension Double {
  /// The number with a fixed count of decimals.
  package func fixed(_ decimals: Int) -> String {
    var scale = 1.0
    for _ in 0..<decimals { scale *= 10 }
    guard isFinite, magnitude * scale < 1e15 else { return "\(self)" }
    let whole = Int((magnitude * scale).rounded())
    let sign = self < 0 && whole != 0 ? "−" : ""
    guard decimals > 0 else { return sign + String(whole) }
    let fraction = String(whole % Int(scale))
    return sign + String(whole / Int(scale)) + "."
      + String(repeating: "0", count: decimals - fraction.count) + fraction
  }

  /// Four significant digits, for values of any size.
  package var brief: String {
    guard self != 0, isFinite else { return "\(self)" }
    var decimals = 3
    var value = magnitude
    while value >= 10, decimals > 0 {
      value /= 10
      decimals -= 1
    }
    while value < 1, decimals < 12 {
      value *= 10
      decimals += 1
    }
    return fixed(decimals)
  }
}

extension UnsignedInteger where Self: FixedWidthInteger {
  /// All hexadecimal digits of the number in lower case, leading zeros included.
  package var hexDigits: String {
    let digits = String(self, radix: 16)
    return String(repeating: "0", count: Self.bitWidth / 4 - digits.count) + digits
  }
}
