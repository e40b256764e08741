import SpikeletRuntime
import SpikeletSupport

extension ExitCalibration {
  /// What makes a model's decisions: the SHA-256 of its timesteps, parameters and weights. The exit
  /// itself must be `none`, so that the digest does not depend on what is being chosen.
  public static func digest(of bytes: [UInt8]) throws(SpikeletError) -> String {
    let header = try Model(bytes.span.bytes).header
    precondition(header.exitKind == ExitPolicy.Kind.none.rawValue)
    var hash = SHA256()
    hash.update("\(header.timesteps) ".utf8)
    hash.update(bytes[Int(header.parametersOffset)...].prefix(Int(header.parametersBytes)))
    hash.update(bytes[Int(header.weightsOffset)...].prefix(Int(header.weightsBytes)))
    return hash.hexDigest
  }
}
