// Enough of Jenkins to run a declarative Jenkinsfile. Each line of standard input is a day of its life,
//     {"environment": {"BRANCH_NAME": "main"}, "ends": {"make deploy": "hangs"}, "files": []}
// and each line of standard output tells what it did: groovy stand_in_jenkins.groovy JENKINSFILE
// As in Jenkins, a stage's `when` is asked before its credentials are bound; the timeout of its options
// covers its post as well, one among its steps does not; and what a timeout ends is aborted, not failed.
import groovy.json.JsonOutput
import groovy.json.JsonSlurper
import org.codehaus.groovy.control.CompilerConfiguration

class Ended extends RuntimeException {
    String result
}

/** The blocks that stand in a block, by name, and its stages in order. */
class Section {
    Map blocks = [:]
    List stages = []

    def methodMissing(String name, args) {
        if (name == 'stage') {
            stages << [name: args[0], body: args[1]]
        } else {
            blocks[name] = args ? args[-1] : null
        }
    }
}

/** NAME = value, or NAME = credentials('id'). */
class Environment {
    private final Map values
    private final Script script

    Environment(Script script, Map values) {
        this.script = script
        this.values = values
    }

    void setProperty(String name, value) { values[name] = value as String }

    def propertyMissing(String name) { script.getProperty(name) }

    def credentials(String id) { "credential $id" }
}

class Parameters {
    Map defaults = [:]

    def methodMissing(String name, args) { defaults[args[0].name] = args[0].defaultValue }
}

class Conditions {
    Script script
    boolean hold = true

    void branch(String name) { hold = hold && script.env.BRANCH_NAME == name }

    void expression(Closure ask) { hold = hold && script.resolve(ask, script) }
}

abstract class Jenkins extends Script {
    Map scenario
    Map env
    Map params
    Map currentBuild = [currentResult: 'SUCCESS']
    Map scm = [:]
    List events = []
    Set files = []
    List expired = [false]  // of each timeout around what runs now

    def resolve(Closure body, delegate) {
        if (body == null) {
            return null
        }
        Closure own = body.rehydrate(delegate, body.owner, body.thisObject)
        own.resolveStrategy = Closure.DELEGATE_FIRST
        return own.call()
    }

    Section section(Closure body) {
        Section found = new Section()
        resolve(body, found)
        return found
    }

    void pipeline(Closure body) {
        Map blocks = section(body).blocks
        Parameters told = new Parameters()
        resolve(blocks.parameters, told)
        params = told.defaults
        try {
            around(blocks) { all(blocks.stages) }
        } catch (Ended ignored) {
            return
        }
    }

    void all(Closure stages) {
        section(stages).stages.each { stage ->
            Map blocks = section(stage.body).blocks
            Conditions asked = new Conditions(script: this)
            resolve(blocks.when, asked)
            if (asked.hold) {
                events << [stage: stage.name]
                around(blocks) { blocks.stages ? all(blocks.stages) : resolve(blocks.steps, this) }
            }
        }
    }

    /** Options, environment and post of a stage, or of the whole. */
    void around(Map blocks, Closure body) {
        boolean limited = section(blocks.options).blocks.containsKey('timeout')
        Closure inside = {
            Map values = [:]
            resolve(blocks.environment, new Environment(this, values))
            withEnv(values) {
                Ended end = attempt(body)
                after(section(blocks.post).blocks)
                if (end) {
                    throw end
                }
            }
        }
        limited ? timeout([:], inside) : inside()
    }

    Ended attempt(Closure body) {
        try {
            body()
            return null
        } catch (Ended end) {
            currentBuild.currentResult = end.result
            return end
        }
    }

    void after(Map conditions) {
        attempt { resolve(conditions.always, this) }
        String outcome = currentBuild.currentResult == 'SUCCESS' ? 'success' : 'unsuccessful'
        attempt { resolve(conditions[outcome], this) }
    }

    void withEnv(Map values, Closure body) {
        Map before = env
        env = env + values
        try {
            body()
        } finally {
            env = before
        }
    }

    void timeout(Map how, Closure body) {
        expired << false
        try {
            body()
        } finally {
            expired.removeLast()
        }
    }

    void end(String what) {
        String how = scenario.ends[what]
        if (how == 'hangs') {
            expired[-1] = true
        }
        if (how) {
            throw new Ended(result: how == 'hangs' ? 'ABORTED' : 'FAILURE')
        }
    }

    void sh(String command) {
        events << [sh: command, env: env, killed: expired.contains(true)]
        if (expired.contains(true)) {
            throw new Ended(result: 'ABORTED')
        }
        end(command)
        if (command == 'make begin-build') {
            files << 'var/build/commit.txt'
        }
        if (command == 'make build-report') {
            files << 'var/build/report.txt'
        }
    }

    int sh(Map how) {
        events << [sh: how.script, env: env, killed: false]
        return scenario.ends[how.script] ? 1 : 0
    }

    void checkout(Map ignored) { end('checkout') }

    void withCredentials(List bindings, Closure body) {
        Map secrets = [:]
        bindings.each { bound ->
            [bound.variable, bound.usernameVariable, bound.passwordVariable].findAll().each { name ->
                secrets[name] = "credential ${bound.credentialsId}".toString()
            }
        }
        withEnv(secrets, body)
    }

    Map string(Map told) { told }

    Map usernamePassword(Map told) { told }

    void script(Closure body) { body() }

    void dir(String path, Closure body) {
        assert path == 'var/build'
        body()
    }

    void deleteDir() { files.clear() }

    boolean fileExists(String path) { path in files }

    String readFile(String path) {
        if (!(path in files)) {
            throw new Ended(result: 'FAILURE')
        }
        return "what ${path} says"
    }

    void mail(Map told) { events << [mail: told.collectEntries { [it.key, it.value as String] }] }

    void archiveArtifacts(Map ignored) { }
}

CompilerConfiguration based = new CompilerConfiguration(scriptBaseClass: Jenkins.name)
GroovyShell shell = new GroovyShell(getClass().classLoader, new Binding(), based)
System.in.eachLine { line ->
    Script jenkinsfile = shell.parse(new File(args[0]))
    jenkinsfile.scenario = new JsonSlurper().parseText(line)
    jenkinsfile.env = jenkinsfile.scenario.environment
    jenkinsfile.files.addAll(jenkinsfile.scenario.files)
    jenkinsfile.run()
    println JsonOutput.toJson([result: jenkinsfile.currentBuild.currentResult, events: jenkinsfile.events])
}
