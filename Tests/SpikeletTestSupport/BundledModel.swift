import SpikeletCompiler
import SpikeletDeployment

/// The bundled networks as model files.
package enum BundledModel {
  /// Builds the network of a folder of firmware-configs.
  package static func build(_ name: String) throws -> [UInt8] {
    let folder = Repository.root.appending(path: "firmware-configs").appending(path: name)
    return try Deployment(contentsOf: folder.appending(path: "deployment.json")).build().bytes
  }
}
