import Foundation
import SpikeletCompiler
import SpikeletDeployment
import SpikeletTestSupport
import Testing

/// A model that may not be large does without kernels that want wider rows of weights.
@Suite struct ModelBudgetTests {
  @Test func weightsStayWithinTheBudgetWhereAnotherKernelHelps() throws {
    var deployment = try Deployment(
      contentsOf: Repository.root.appending(path: "firmware-configs/lenet5-iir-mnist-int4"))
    deployment.configuration.budgets.maximumModelBytes = nil
    let free = try deployment.build()
    deployment.configuration.budgets.maximumModelBytes = free.bytes.count
    #expect(try deployment.build().bytes == free.bytes)
    deployment.configuration.budgets.maximumModelBytes = free.bytes.count - 1
    let compact = try deployment.build()
    #expect(compact.bytes.count < free.bytes.count)
    #expect(compact.plan.arenaBytes <= 2048)
    deployment.configuration.budgets.maximumModelBytes = compact.bytes.count - 1
    #expect(throws: BudgetError.self) { try deployment.build() }
  }
}
