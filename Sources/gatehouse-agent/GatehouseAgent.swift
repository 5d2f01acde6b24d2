@main
struct GatehouseAgent {
    static func main() {
        print("gatehouse-agent")
    }
}
