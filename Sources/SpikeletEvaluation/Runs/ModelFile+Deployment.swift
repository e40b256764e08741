import Foundation
import SpikeletClassifier
import SpikeletCompiler
import SpikeletDeployment
import SpikeletSupport

extension ModelFile {
  /// Opens a model file, or builds one from a configuration (`.json`, or a deployment's folder) or a
  /// graph of NIR.
  ///
  /// - Parameters:
  ///   - withoutExit: builds as if the configuration had no exit, calibrated or not.
  ///   - adjust: changes what is built; not called for a model file.
  package init(
    contentsOf url: URL, withoutExit: Bool = false,
    adjust: (inout Deployment) throws -> Void = { _ in }
  ) throws {
    if Deployment.isConfiguration(url) {
      var deployment = try Deployment(contentsOf: url)
      try adjust(&deployment)
      let build = try withoutExit ? deployment.buildWithoutExit() : deployment.build()
      try self.init(bytes: build.bytes, name: build.configuration.name)
      return
    }
    do {
      try self.init(contentsOf: url.path)
    } catch let error as FileError {
      throw error.diagnostics("model")
    }
  }
}
