@main
struct GatehouseCollector {
    static func main() {
        print("gatehouse-collector")
    }
}
