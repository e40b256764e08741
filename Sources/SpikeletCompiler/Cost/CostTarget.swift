/// The machine whose instructions are estimated.
public enum CostTarget: String, Sendable, CaseIterable {
  /// 64-bit Arm, Cortex-A53 and later.
  case aarch64
  /// 32-bit Arm with NEON, Cortex-A7 and later.
  case armv7
  /// 64-bit x86 with the compiler's default instruction set.
  case x86 = "x86-64"

  /// The target of a name as options and boards give it; nil where there is none.
  public init?(_ name: String) { self.init(rawValue: name) }

  /// Neighbouring windows of which `PictureBlocks` keeps sums at a time.
  var pictureWindows: Int { self == .armv7 ? 4 : 8 }

  /// Pixels that a kernel compares with blanks at a time.
  var wordBytes: Double { self == .armv7 ? 4 : 8 }
}
